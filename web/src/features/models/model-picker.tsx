import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../../components/ui/button'
import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuTrigger } from '../../components/ui/menu'
import { register } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'
import { noteOf } from './note'
import { offerPicker } from './pick'
import { canUse, models } from './queries'

/** The model of the conversation, and the menu to change it. */
export function ModelPicker({ value, onChange }: { value: string | null; onChange: (id: string) => void }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const { data: list } = useQuery(models)
  const found = list?.find((model) => model.id === value)
  const name = found?.name ?? (value && list ? t('model.gone', { name: value }) : (value ?? ''))

  useEffect(() => register([{ id: 'model', perform: () => setOpen(true) }]), [])
  useEffect(() => offerPicker({ value, pick: onChange }), [value, onChange])

  return (
    <Menu open={open} onOpenChange={setOpen}>
      <MenuTrigger asChild>
        <Button variant="ghost" size="sm" className="min-w-0 shrink! px-2.5!" aria-label={t('model.label', { name })}>
          <span className="min-w-0 truncate">{name || ' '}</span>
          <ChevronDown className="text-muted" />
        </Button>
      </MenuTrigger>
      <MenuContent align="end" className="w-72">
        <MenuLabel>{list?.length === 0 ? t('model.none') : t('model.choose')}</MenuLabel>
        <MenuRadioGroup value={value ?? ''} onValueChange={onChange} aria-label={t('model.choose')}>
          {list?.map((model) => (
            <MenuRadioItem key={model.id} value={model.id} disabled={!canUse(model)}>
              <span className="flex min-w-0 flex-col">
                <span className="truncate font-medium">{model.name}</span>
                <span className="truncate text-muted text-sm">{noteOf(model, t)}</span>
              </span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  )
}
