import { Button } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { Field } from '../../components/ui/field'
import { useTranslate } from '../../lib/i18n'
import { useForm } from '../../lib/use-form'
import { type Asked, stopAsking } from './ask-group'
import { createGroup, deleteGroup, type Group } from './groups'
import type { Conversation } from './types'
import { useOrganise } from './use-organise'

export function GroupDialog({ asked }: { asked: Asked }) {
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && stopAsking()}>
      <DialogContent className="flex flex-col gap-4" aria-describedby={undefined}>
        {asked.of === 'new' ? <NewGroup held={asked.held} /> : <DeleteGroup group={asked.group} />}
      </DialogContent>
    </Dialog>
  )
}

function NewGroup({ held }: { held: Conversation[] }) {
  const t = useTranslate()
  const organise = useOrganise()
  const form = useForm(async ({ name = '' }) => {
    const group = await createGroup(name)
    stopAsking()
    if (held.length > 0) organise(held, { move: group.id })
  })
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <DialogTitle>{t('group.new')}</DialogTitle>
      <Field
        label={t('group.name')}
        name="name"
        autoComplete="off"
        maxLength={100}
        required
        autoFocus
        error={form.errorOf('name') ?? form.message}
      />
      <Buttons>
        <Button type="submit" variant="primary" loading={form.busy}>
          {t('group.create')}
        </Button>
      </Buttons>
    </form>
  )
}

function DeleteGroup({ group }: { group: Group }) {
  const t = useTranslate()
  return (
    <>
      <DialogTitle>{t('group.deleteTitle', { name: group.name })}</DialogTitle>
      <DialogDescription>{t('group.deleteText')}</DialogDescription>
      <Buttons>
        <Button
          variant="danger"
          onClick={() => {
            stopAsking()
            void deleteGroup(group.id)
          }}
        >
          {t('group.delete')}
        </Button>
      </Buttons>
    </>
  )
}

function Buttons({ children }: { children: React.ReactNode }) {
  const t = useTranslate()
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <DialogClose asChild>
        <Button>{t('app.cancel')}</Button>
      </DialogClose>
      {children}
    </div>
  )
}
