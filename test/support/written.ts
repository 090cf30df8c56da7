/** What the scripts in test/oracle say of a tensor. */

export interface Written {
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly values: readonly string[];
}

/** A number as Python's float.hex() writes it. */
export function fromHex(hex: string): number {
  const match = /^(-?)0x([01])\.?([0-9a-f]*)p([+-]\d+)$/.exec(hex);
  if (match === null) return Number(hex.replace('inf', 'Infinity').replace('nan', 'NaN'));
  const [, sign, whole, digits, exponent] = match;
  const fraction = digits === '' ? 0 : parseInt(digits, 16) / 16 ** digits.length;
  return (sign === '-' ? -1 : 1) * (Number(whole) + fraction) * 2 ** Number(exponent);
}
