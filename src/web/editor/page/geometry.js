// Where the view lies on the screen. Screen lengths are CSS pixels of the stage; view lengths are pixels of the view.

export const ZOOM = { least: 0.05, most: 16 };

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Rect */
/** Screen = view × scale + (x, y). @typedef {{scale: number, x: number, y: number}} Camera */

/** @param {number} value @param {number} least @param {number} most */
export const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** @param {Camera} camera @param {Point} point @returns {Point} */
export const toView = (camera, point) => ({ x: (point.x - camera.x) / camera.scale, y: (point.y - camera.y) / camera.scale });

/** @param {Camera} camera @param {Point} point @returns {Point} */
export const toScreen = (camera, point) => ({ x: point.x * camera.scale + camera.x, y: point.y * camera.scale + camera.y });

/** The camera that shows a box of the view in the middle of a free area of the stage. @param {Rect} box @param {Rect} area @param {number} [most] @returns {Camera} */
export function fit(box, area, most = 4) {
  const scale = clamp(Math.min(area.width / box.width, area.height / box.height), ZOOM.least, most);
  return {
    scale,
    x: area.x + area.width / 2 - (box.x + box.width / 2) * scale,
    y: area.y + area.height / 2 - (box.y + box.height / 2) * scale,
  };
}

/** Zooms so that what is below a point of the screen stays there. @param {Camera} camera @param {number} scale @param {Point} at @returns {Camera} */
export function zoomTo(camera, scale, at) {
  const next = clamp(scale, ZOOM.least, ZOOM.most);
  const still = toView(camera, at);
  return { scale: next, x: at.x - still.x * next, y: at.y - still.y * next };
}

/** Two fingers have moved from one pair of points to another. @param {Camera} camera @param {[Point, Point]} from @param {[Point, Point]} to @returns {Camera} */
export function pinch(camera, from, to) {
  const middle = (/** @type {[Point, Point]} */ [a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const spread = (/** @type {[Point, Point]} */ [a, b]) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const [was, is] = [middle(from), middle(to)];
  const zoomed = zoomTo(camera, (camera.scale * spread(to)) / spread(from), was);
  return { scale: zoomed.scale, x: zoomed.x + is.x - was.x, y: zoomed.y + is.y - was.y };
}

/** Keeps a bit of the box on the stage, so that it can not be lost. @param {Camera} camera @param {Rect} box @param {{width: number, height: number}} stage @returns {Camera} */
export function keepInSight(camera, box, stage) {
  const keep = 48;
  const [left, top] = [box.x * camera.scale, box.y * camera.scale];
  return {
    scale: camera.scale,
    x: clamp(camera.x, keep - left - box.width * camera.scale, stage.width - keep - left),
    y: clamp(camera.y, keep - top - box.height * camera.scale, stage.height - keep - top),
  };
}
