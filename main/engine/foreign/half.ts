/** Half precision: 1 bit of sign, 5 of exponent, 10 of fraction (IEEE 754-2008, binary16). */

const FRACTION = 0x3ff;

/** The value of 16 bits. */
export function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & FRACTION;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
