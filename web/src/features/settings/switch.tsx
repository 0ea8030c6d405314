type SwitchProps = { label: string; on: boolean; onSwitch: (on: boolean) => void }

/** A choice between yes and no. */
export function Switch({ label, on, onSwitch }: SwitchProps) {
  return (
    <label className="flex min-h-9 cursor-pointer items-center justify-between gap-4 touch:min-h-11">
      {label}
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => onSwitch(event.target.checked)}
        className="size-5 shrink-0 accent-accent"
      />
    </label>
  )
}
