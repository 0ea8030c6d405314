import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, type KeyboardEvent, useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { Field } from './field'

/** A password input that can show its characters and says when Caps Lock is on. */
export function PasswordField({ hint, ...props }: Omit<ComponentProps<typeof Field>, 'type' | 'trailing'>) {
  const t = useTranslate()
  const [shown, setShown] = useState(false)
  const [caps, setCaps] = useState(false)
  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState('CapsLock'))
  const Icon = shown ? EyeOff : Eye
  return (
    <Field
      {...props}
      type={shown ? 'text' : 'password'}
      hint={caps ? t('auth.capsLock') : hint}
      onKeyDown={watchCaps}
      onKeyUp={watchCaps}
      trailing={
        <button
          type="button"
          aria-label={shown ? t('auth.hidePassword') : t('auth.showPassword')}
          className="grid size-8 place-items-center rounded-button text-muted hover:text-fg"
          onClick={() => setShown(!shown)}
        >
          <Icon className="size-4 stroke-[1.75]" />
        </button>
      }
    />
  )
}
