// Draws the add-in's icons from numbers: a sundial, its disc, its style and the shadow. `node scripts/icons.mjs`
// writes addin/icons/*.png; the files are in the repository because Outlook asks the server for them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const SIZES = [16, 25, 32, 48, 64, 80, 128];
/** Samples an edge in each direction, so that edges are smooth. */
const SAMPLES = 4;
const DISC = [15, 98, 104];
const FACE = [255, 255, 255];
const SHADOW = [15, 98, 104];
const GNOMON = [232, 145, 28];

/** The colour at a point of the unit square, or null outside the disc. */
function colourAt(x, y) {
  const [dx, dy] = [x - 0.5, y - 0.5];
  const r = Math.hypot(dx, dy);
  if (r > 0.48) return null;
  if (r > 0.39) return DISC;
  // The style: a triangle that stands on the middle and points up.
  if (dy < 0.12 && dy > -0.3 && Math.abs(dx) < ((dy + 0.3) / 0.42) * 0.075) return GNOMON;
  // Its shadow lies towards four o'clock.
  const along = dx * 0.86 + dy * 0.5;
  const across = Math.abs(-dx * 0.5 + dy * 0.86 - 0.05);
  if (along > 0 && along < 0.31 && across < 0.05) return SHADOW;
  for (const hour of [-150, -90, -30, 30, 90, 150]) {
    const angle = (hour * Math.PI) / 180;
    if (Math.hypot(dx - Math.sin(angle) * 0.32, dy + Math.cos(angle) * 0.32) < 0.028) return DISC;
  }
  return FACE;
}

function pixel(px, py, size) {
  let [red, green, blue, inside] = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES; i += 1) {
    for (let j = 0; j < SAMPLES; j += 1) {
      const colour = colourAt((px + (i + 0.5) / SAMPLES) / size, (py + (j + 0.5) / SAMPLES) / size);
      if (!colour) continue;
      red += colour[0];
      green += colour[1];
      blue += colour[2];
      inside += 1;
    }
  }
  if (!inside) return [0, 0, 0, 0];
  return [red / inside, green / inside, blue / inside, (255 * inside) / (SAMPLES * SAMPLES)].map(Math.round);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** PNG (RFC 2083): 8 bits, colour type 6, one filter byte of 0 before each row. */
function png(size) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) rows.set(pixel(x, y, size), y * (size * 4 + 1) + 1 + x * 4);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

const folder = join(dirname(fileURLToPath(import.meta.url)), '../addin/icons');
mkdirSync(folder, { recursive: true });
for (const size of SIZES) writeFileSync(join(folder, `${size}.png`), png(size));
