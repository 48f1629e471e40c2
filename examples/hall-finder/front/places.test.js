import assert from "node:assert/strict";
import test from "node:test";
import { distance, sketch, spans } from "./places.js";

test("distances are metres below one kilometre", () => {
  assert.equal(distance(999), "999 m");
  assert.equal(distance(1299), "1.2 km");
  assert.equal(distance(3040), "3.0 km");
});

test("a day may have several spans or none", () => {
  const hours = [{ weekday: 1, opens: 540, closes: 690 }, { weekday: 1, opens: 810, closes: 1020 }];
  assert.deepEqual(spans(hours, 1), ["9:00–11:30", "13:30–17:00"]);
  assert.deepEqual(spans(hours, 2), []);
});

test("north is up and the farthest place is on the rim", () => {
  const here = { latitude: 30, longitude: 120 };
  const [north, middle] = sketch(here, [
    { point: { latitude: 30.2, longitude: 120 } },
    { point: { latitude: 30, longitude: 120 } },
  ]);
  assert.deepEqual([north.x, Math.round(north.y * 1e9) / 1e9], [0, -1]);
  assert.deepEqual([middle.x, middle.y], [0, 0]);
});
