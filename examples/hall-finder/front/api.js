// Calls of the component's JSON interface, with a time limit that the page can explain.
const WAIT_MS = 10_000;

async function read(path, fields) {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));
  const answer = await fetch(`${path}?${query}`, { signal: AbortSignal.timeout(WAIT_MS) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

export const findPlaces = (fields) => read("/api/places", fields);
export const findItems = (words) => read("/api/items", { q: words });
export const findRegions = () => read("/api/regions", {});
