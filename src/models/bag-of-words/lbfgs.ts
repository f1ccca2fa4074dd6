/**
 * Limited-memory BFGS for smooth functions of many variables.
 *
 * Nocedal and Wright 2006, "Numerical Optimization", ch. 7.2. The line search bisects until the weak Wolfe conditions hold:
 * Lewis and Overton 2013, "Nonsmooth optimization via quasi-Newton methods", §2.
 */

/** Writes the gradient at `x` and returns the value there. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

/** A point with its value and gradient. */
export type Iterate = { x: Float64Array; value: number; gradient: Float64Array }

export type LbfgsOptions = {
  /** A guess at the diagonal of the Hessian, all positive: what the first step and every estimate of curvature start from. */
  curvature: Float64Array
  /** Done when no component of the gradient is larger. */
  tolerance: number
  maxIterations: number
  /** How many past steps the estimate remembers. */
  memory?: number
}

/** A step `s`, the change of the gradient along it `y`, and s·y. */
type Step = { s: Float64Array; y: Float64Array; sy: number }

/**
 * Walks from the origin to the minimum and yields each point on the way, so that the caller can report, pause or stop
 * between steps. A point holds until the next one is asked for; the last is the result.
 */
export function* lbfgs(
  objective: Objective,
  { curvature, tolerance, maxIterations, memory = 5 }: LbfgsOptions,
): Generator<Iterate> {
  const zeros = () => new Float64Array(curvature.length)
  const iterate = (): Iterate => ({ x: zeros(), value: 0, gradient: zeros() })
  const direction = zeros()
  const history: Step[] = []
  let [current, next] = [iterate(), iterate()]
  current.value = objective(current.x, current.gradient)
  yield current

  for (let iteration = 1; iteration <= maxIterations && largest(current.gradient) > tolerance; iteration++) {
    setDescentDirection(direction, current.gradient, history, curvature)
    if (!lineSearch(objective, current, direction, next)) return // rounding hides whatever descent is left
    const { s, y } = history.length === memory ? history.shift()! : { s: zeros(), y: zeros() }
    subtract(next.x, current.x, s)
    subtract(next.gradient, current.gradient, y)
    history.push({ s, y, sy: dot(s, y) })
    ;[current, next] = [next, current]
    yield current
  }
}

/** Two-loop recursion; q becomes minus the estimated inverse Hessian times the gradient (Nocedal and Wright, algorithm 7.4). */
function setDescentDirection(q: Float64Array, gradient: Float64Array, history: readonly Step[], curvature: Float64Array) {
  for (let i = 0; i < q.length; i++) q[i] = -gradient[i]!
  const alphas = history.map(() => 0)
  for (let i = history.length - 1; i >= 0; i--) {
    const { s, y, sy } = history[i]!
    alphas[i] = dot(s, q) / sy
    addScaled(q, -alphas[i]!, y)
  }
  const scale = history.length === 0 ? 1 : inverseScale(history.at(-1)!, curvature)
  for (let i = 0; i < q.length; i++) q[i]! *= scale / curvature[i]!
  for (const [i, { s, y, sy }] of history.entries()) addScaled(q, alphas[i]! - dot(y, q) / sy, s)
}

/** How far the guessed curvature was off along the latest step: s·y / y·D⁻¹y. */
function inverseScale({ y, sy }: Step, curvature: Float64Array): number {
  let yDy = 0
  for (let i = 0; i < y.length; i++) yDy += y[i]! ** 2 / curvature[i]!
  return sy / yDy
}

/**
 * Sets `to` to the first point tried along `direction` that is low enough (Armijo) and where the slope is flat enough (weak
 * Wolfe), which keeps s·y positive. A step too long becomes the upper bound, one too short the lower, until one between fits.
 *
 * @returns  whether there was one
 */
function lineSearch(objective: Objective, from: Iterate, direction: Float64Array, to: Iterate): boolean {
  const slope = dot(from.gradient, direction)
  let [low, high, step] = [0, Number.POSITIVE_INFINITY, 1]
  for (let trial = 0; trial < 50; trial++) {
    to.x.set(from.x)
    addScaled(to.x, step, direction)
    to.value = objective(to.x, to.gradient)
    if (!(to.value <= from.value + 1e-4 * step * slope)) high = step
    else if (dot(to.gradient, direction) < 0.9 * slope) low = step
    else return true
    step = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2
  }
  return false
}

function largest(a: Float64Array) {
  let max = 0
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i]!))
  return max
}

function dot(a: Float64Array, b: Float64Array) {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function addScaled(a: Float64Array, factor: number, b: Float64Array) {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!
}

function subtract(a: Float64Array, b: Float64Array, result: Float64Array) {
  for (let i = 0; i < a.length; i++) result[i] = a[i]! - b[i]!
}
