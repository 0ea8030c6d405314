/** How far something is, from 0 to 1, as a ring. */
export function ProgressRing({ part, label }: { part: number; label: string }) {
  const around = 2 * Math.PI * 8
  return (
    <svg
      viewBox="0 0 20 20"
      className="-rotate-90 size-5"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <circle cx="10" cy="10" r="8" fill="none" strokeWidth="2.5" className="stroke-border" />
      <circle
        cx="10"
        cy="10"
        r="8"
        fill="none"
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeDasharray={around}
        strokeDashoffset={around * (1 - part)}
        className="stroke-accent transition-[stroke-dashoffset]"
      />
    </svg>
  )
}
