import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, NavLink, useParams } from 'react-router'
import { buttonVariants } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { cn } from '../../lib/utils'
import { PlanTab } from '../billing/plan-piece'
import { DataTab } from './data-tab'
import { GeneralTab } from './general-tab'
import { ModelTab } from './model-tab'
import { ProfileTab } from './profile-tab'
import { SecurityTab } from './security-tab'
import { ShortcutsTab } from './shortcuts-tab'
import { type Tab, tabs } from './tabs'

const views: Record<Tab, () => ReactNode> = {
  general: GeneralTab,
  profile: ProfileTab,
  security: SecurityTab,
  model: ModelTab,
  plan: PlanTab,
  data: DataTab,
  shortcuts: ShortcutsTab,
}

export function SettingsPage() {
  const t = useTranslate()
  const { tab } = useParams()
  const bar = useRef<HTMLElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const open = tabs.find((one) => one.name === tab) ?? tabs[0]

  useEffect(() => {
    document.title = t('settings.title')
  }, [t])

  // On a phone the row of tabs scrolls: the open one is in sight.
  useEffect(() => {
    if (open) bar.current?.querySelector('[aria-current]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
  }, [open])

  // Who comes from a dialog over another page has the focus nowhere.
  useEffect(() => {
    if (open && document.activeElement === document.body) heading.current?.focus()
  }, [open])

  const View = views[open.name]
  return (
    <div className="scroll-area h-full">
      <div className="mx-auto flex max-w-[960px] flex-col gap-6 px-4 py-5 md:px-8">
        <div className="flex items-center gap-3">
          <Link
            to={paths.newChat}
            aria-label={t('settings.back')}
            className={buttonVariants({ variant: 'ghost', size: 'icon' })}
          >
            <ArrowLeft />
          </Link>
          <h1 ref={heading} tabIndex={-1} className="font-semibold text-xl outline-none">
            {t('settings.title')}
          </h1>
        </div>
        <div className="flex gap-8 max-md:flex-col max-md:gap-4">
          <nav
            ref={bar}
            aria-label={t('settings.title')}
            className="flex w-50 shrink-0 flex-col gap-0.5 max-md:w-full max-md:flex-row max-md:overflow-x-auto"
          >
            {tabs.map((one) => (
              <NavLink
                key={one.name}
                to={paths.settings(one.name)}
                aria-current={one === open ? 'page' : undefined}
                className={cn(
                  'flex h-9 shrink-0 items-center rounded-button px-3 touch:h-11',
                  one === open ? 'bg-accent-soft font-medium text-accent-text' : 'text-fg-2 hover:bg-user',
                )}
              >
                {t(one.label)}
              </NavLink>
            ))}
          </nav>
          <div className="flex min-w-0 max-w-[720px] flex-1 flex-col gap-5 pb-8">
            <View />
          </div>
        </div>
      </div>
    </div>
  )
}
