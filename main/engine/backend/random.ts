/**
 * Streams of chance, named by a seed and a purpose, so that a draw added in one place changes
 * nothing elsewhere.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by a 128-bit mix of the name.
 */

export interface Stream {
  /** A number in [0, 1) with 32 random bits. */
  uniform(): number;
  /** A standard normal number (Box–Muller, both halves used). */
  normal(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
}

/**
 * Four 32-bit words from a name: MurmurHash3's multiply-and-rotate over its UTF-16 units, four
 * lanes.
 */
function seedWords(name: string): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x85ebca6b];
  const factors = [0xcc9e2d51, 0x1b873593, 0x85ebca77, 0xc2b2ae3d];
  for (let i = 0; i < name.length; i++) {
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul(lanes[lane] ^ name.charCodeAt(i), factors[lane]);
      lanes[lane] = ((mixed << 13) | (mixed >>> 19)) + lanes[(lane + 1) & 3];
    }
  }
  return lanes.map((lane) => lane >>> 0) as [number, number, number, number];
}

/** The stream of `seed` for `purpose`; the same two arguments always give the same numbers. */
export function stream(seed: number, purpose: string): Stream {
  let [a, b, c, counter] = seedWords(`${seed}:${purpose}`);
  let spare: number | null = null;

  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // sfc32's own advice: mix the seed well before the first draw.
  for (let i = 0; i < 16; i++) word();

  const uniform = (): number => word() / 4294967296;
  return {
    uniform,
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    below: (n) => Math.floor(uniform() * n),
  };
}

/** The numbers 0 … n−1 in random order (Fisher–Yates). */
export function permutation(n: number, chance: Stream): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = chance.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
