// Distances and opening hours as people say them. No imports, so that `node --test` runs it as it is.

/** As in `350 m` or `1.2 km`. */
export function distance(metres) {
  return metres < 1000 ? `${metres} m` : `${(Math.floor(metres / 100) / 10).toFixed(1)} km`;
}

/** The spans of one day (1 Monday to 7 Sunday), as in `["9:00–11:30", "13:30–17:00"]`. */
export function spans(hours, weekday) {
  const time = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return hours.filter((span) => span.weekday === weekday).map((span) => `${time(span.opens)}–${time(span.closes)}`);
}

/**
 * Where places lie around the middle of a square from -1 to 1, north up; the farthest is on the rim.
 * Good for a city: the earth is taken as flat.
 */
export function sketch(here, places) {
  const around = places.map(({ point }) => ({
    x: (point.longitude - here.longitude) * Math.cos((here.latitude * Math.PI) / 180),
    y: here.latitude - point.latitude,
  }));
  const farthest = Math.max(...around.map(({ x, y }) => Math.hypot(x, y)), 1e-9);
  return around.map(({ x, y }) => ({ x: x / farthest, y: y / farthest }));
}
