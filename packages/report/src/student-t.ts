/**
 * Probability that Student's t with a whole number of degrees of freedom lies between -t and t, for t = √ν tan θ: a sum of
 * powers of cos θ (Abramowitz & Stegun, 1964, 26.7.3 and 26.7.4).
 */
function within(angle: number, degrees: number): number {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k < degrees; k += 2) {
    term *= (cos * cos * (k - 1)) / k;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
}

/**
 * Value that Student's t stays within, on both sides, with the given probability.
 *
 * @param degrees degrees of freedom, a whole number from 1
 * @param probability above 0 and below 1, such as 0.95
 */
export function studentT(degrees: number, probability: number): number {
  if (!Number.isSafeInteger(degrees) || degrees < 1)
    throw new RangeError(`Student's t has 1 degree of freedom or more, not ${degrees}.`);
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`A probability lies between 0 and 1; ${probability} does not.`);
  let [low, high] = [0, Math.PI / 2];
  // halves the angle until neighbouring numbers are left
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return Math.sqrt(degrees) * Math.tan(low);
    if (within(middle, degrees) < probability) low = middle;
    else high = middle;
  }
}
