import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { LanguageChoice, ThemeChoice } from '../../components/choice'
import { cn } from '../../lib/utils'
import { instance } from './queries'

/** The page around signing in and registering: one card, and the choices that need no account. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  const { data } = useQuery(instance)
  return (
    <main className="scroll-area flex h-dvh flex-col items-center bg-surface px-4 py-10">
      <div className="my-auto flex w-full max-w-[380px] flex-col gap-6">
        {/* Seen as a whole: the name makes room for itself beside the mark. */}
        <p
          className={cn('flex min-h-8 items-center justify-center gap-2.5 font-semibold text-lg', !data && 'invisible')}
        >
          <img src="/favicon.svg" alt="" className="size-8" />
          {data?.name}
        </p>
        <div className="flex flex-col gap-5 rounded-dialog border border-border bg-bg p-6 shadow-md dark:bg-elevated">
          <h1 className="font-semibold text-xl">{title}</h1>
          {children}
        </div>
        <div className="flex justify-center gap-2">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </div>
    </main>
  )
}
