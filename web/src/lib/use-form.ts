import { type FormEvent, useState } from 'react'
import { useTranslate } from './i18n'
import { Problem } from './problem'

/** A native form that is sent to the server: what it is doing, and what the server had to say. */
export function useForm(send: (values: Record<string, string>) => Promise<unknown>) {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [message, setMessage] = useState<string>()

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const values = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    )
    setBusy(true)
    setProblem(undefined)
    setMessage(undefined)
    try {
      await send(values)
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
      setMessage(error instanceof Problem ? error.message : t('app.unreachable'))
    } finally {
      setBusy(false)
    }
  }

  return { onSubmit, busy, message, errorOf: (field: string) => problem?.of(field) }
}
