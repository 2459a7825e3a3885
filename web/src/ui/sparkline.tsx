const WIDTH = 100;
const HEIGHT = 28;

interface SparklineProps {
  readonly values: readonly number[];
  /** Points that fit; fewer stand at the right. */
  readonly capacity: number;
  /** Value at the top. Default: the largest. */
  readonly max?: number;
}

/** A line without axes; the figure beside it says what it shows. */
export function Sparkline({ values, capacity, max = Math.max(1, ...values) }: SparklineProps) {
  const step = WIDTH / (capacity - 1);
  const left = WIDTH - (values.length - 1) * step;
  const points = values.map((value, index) => `${left + index * step},${HEIGHT - 1 - (value / max) * (HEIGHT - 2)}`);
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
