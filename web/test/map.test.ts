import { expect, test } from "vitest";
import { scaleBar } from "../src/map/chrome";

test("the scale bar is round and fits", () => {
  for (const perPixel of [0.3, 1, 7.5, 42, 610]) {
    const { metres, pixels } = scaleBar(perPixel);
    expect(pixels).toBeLessThanOrEqual(96);
    expect(pixels).toBeGreaterThan(96 / 2.6);
    expect(String(metres)).toMatch(/^[125]0*$/);
  }
});
