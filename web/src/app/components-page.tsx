/**
 * Every component in its states, in both themes at once, but for what opens over the page, which has that of the page. It is
 * for pictures, and for whoever changes one. It is in development
 * builds only, and what it says is sample text in no language but its own.
 */
import { Plus, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Avatar } from '../components/avatar'
import { LanguageChoice, ThemeChoice } from '../components/choice'
import { CopyButton } from '../components/copy-button'
import { EmptyState } from '../components/empty-state'
import { AnswerText } from '../components/markdown/answer-text'
import { Button, buttonVariants } from '../components/ui/button'
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogTitle,
  DialogTrigger,
} from '../components/ui/dialog'
import { Field } from '../components/ui/field'
import { IconButton } from '../components/ui/icon-button'
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
} from '../components/ui/menu'
import { PasswordField } from '../components/ui/password-field'
import { TextArea } from '../components/ui/text-area'
import { Tooltip, TooltipProvider } from '../components/ui/tooltip'
import { ConnectionBar } from '../features/chat/connection-bar'
import { ErrorCard } from '../features/chat/error-card'
import { QueuedChip } from '../features/chat/queued-chip'
import { Waiting } from '../features/chat/waiting'
import { notify } from '../lib/toast'
import { cn } from '../lib/utils'

const variants = ['primary', 'secondary', 'outline', 'ghost', 'danger'] as const
const sizes = ['sm', 'md', 'lg'] as const
const nothing = () => undefined

const markdown = `A paragraph with **bold**, *italic*, \`code\` and [a link](https://example.org).

## A heading

1. First
2. Second

- [x] done
- [ ] open

> A quotation.

| name | value |
| --- | ---: |
| one | 1 |

\`\`\`js
const answer = 42 // and no more
\`\`\`

$$e^{i\\pi} + 1 = 0$$`

export function ComponentsPage() {
  return (
    <TooltipProvider>
      <main className="scroll-area grid h-dvh md:grid-cols-2">
        <h1 className="sr-only">Components</h1>
        {(['light', 'dark'] as const).map((theme) => (
          <div key={theme} className={cn(theme, 'min-w-0 bg-bg p-6 text-fg')} style={{ colorScheme: theme }}>
            <Samples />
          </div>
        ))}
      </main>
    </TooltipProvider>
  )
}

function Samples() {
  const [text, setText] = useState('Some text')
  return (
    <div className="mx-auto flex max-w-[640px] flex-col gap-8">
      <Sample name="Button">
        {sizes.map((size) => (
          <div key={size} className="flex flex-wrap gap-2">
            {variants.map((variant) => (
              <Button key={variant} variant={variant} size={size}>
                {variant}
              </Button>
            ))}
          </div>
        ))}
        <div className="flex flex-wrap gap-2">
          {variants.map((variant) => (
            <Button key={variant} variant={variant} disabled>
              Disabled
            </Button>
          ))}
        </div>
        <div className="flex flex-wrap gap-2">
          {variants.map((variant) => (
            <Button key={variant} variant={variant} loading>
              Loading
            </Button>
          ))}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button variant="outline">
            <Plus />
            With an icon
          </Button>
          <CopyButton label="Copy" text={() => 'copied'} />
        </div>
      </Sample>
      <Sample name="IconButton, Tooltip">
        {(['icon', 'icon-md'] as const).map((size) => (
          <div key={size} className="flex flex-wrap gap-2">
            {variants.map((variant) => (
              <IconButton key={variant} label={`Delete, ${variant}`} keys="Del" variant={variant} size={size}>
                <Trash2 />
              </IconButton>
            ))}
            <IconButton label="Disabled" size={size} disabled>
              <Trash2 />
            </IconButton>
            <IconButton label="Loading" size={size} loading>
              <Trash2 />
            </IconButton>
          </div>
        ))}
        <div className="flex flex-wrap gap-2">
          <Tooltip text="What it does">
            <Button variant="outline">Tooltip</Button>
          </Tooltip>
          <Tooltip text="What it does" keys="Ctrl+K">
            <Button variant="outline">Tooltip with keys</Button>
          </Tooltip>
          <Tooltip text="As many words as are needed to say what a control does where one or two of them would not be enough">
            <Button variant="outline">Long tooltip</Button>
          </Tooltip>
        </div>
      </Sample>
      <Sample name="Field, TextArea, choices">
        <Field label="Name" value={text} onChange={(event) => setText(event.target.value)} />
        <Field label="With a hint" hint="What it is for." placeholder="Nothing yet" />
        <Field label="With an error" error="That is taken. Choose another." defaultValue="ada" />
        <Field label="Disabled" disabled defaultValue="Fixed" />
        <Field
          label="With something behind it"
          defaultValue="ada"
          trailing={<CopyButton label="Copy" text={() => 'ada'} />}
        />
        <PasswordField label="Password" defaultValue="correct horse" />
        <PasswordField label="Password with an error" error="That is too short." defaultValue="horse" />
        <TextArea label="Several lines" hint="As tall as its text." defaultValue={'One\nTwo\nThree'} />
        <TextArea label="Several lines with an error" error="That is too long." defaultValue="One" />
        <TextArea label="Several lines, disabled" disabled defaultValue="Fixed" />
        <div className="flex gap-2">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </Sample>
      <Sample name="Menu, Dialog, Toast">
        <div className="flex flex-wrap gap-2">
          <Menu>
            <MenuTrigger asChild>
              <Button variant="outline">Menu</Button>
            </MenuTrigger>
            <MenuContent align="start">
              <MenuLabel>A label</MenuLabel>
              <MenuItem>
                <Plus />
                An item
              </MenuItem>
              <MenuItem disabled>A disabled one</MenuItem>
              <MenuSeparator />
              <MenuItem danger>
                <Trash2 />A dangerous one
              </MenuItem>
            </MenuContent>
          </Menu>
          <ChoosingMenu />
          <Menu>
            <MenuTrigger disabled className={buttonVariants({ variant: 'outline' })}>
              Disabled menu
            </MenuTrigger>
            <MenuContent />
          </Menu>
          <Dialog>
            <DialogTrigger asChild>
              <Button variant="outline">Dialog</Button>
            </DialogTrigger>
            <DialogContent className="flex flex-col gap-4">
              <DialogTitle>A dialog</DialogTitle>
              <DialogDescription>What it asks, in one sentence.</DialogDescription>
              <div className="flex justify-end gap-2">
                <DialogClose asChild>
                  <Button variant="ghost">Cancel</Button>
                </DialogClose>
                <DialogClose asChild>
                  <Button variant="primary">Save</Button>
                </DialogClose>
              </div>
            </DialogContent>
          </Dialog>
          <Button onClick={() => notify('The link is copied.')}>Toast</Button>
          <Button onClick={() => notify('Moved to the trash.', { action: { label: 'Undo', perform: nothing } })}>
            Toast with an action
          </Button>
          <Button onClick={() => notify('The server cannot be reached.', { kind: 'error' })}>Toast of an error</Button>
        </div>
      </Sample>
      <Sample name="What is on its way, what failed, what is not there">
        <div className="flex items-center gap-4">
          <Avatar name="Ada Bianchi" />
          <span className="stream-dot" />
        </div>
        <div className="flex flex-col gap-3">
          <div className="skeleton h-4 w-full" />
          <div className="skeleton h-4 w-2/3" />
        </div>
        <Waiting queued={false} />
        <Waiting queued />
        <QueuedChip
          queued={{ key: 'queued', text: 'And for the read replicas?' }}
          onEdit={nothing}
          onRemove={nothing}
        />
        <ConnectionBar lost />
        <ErrorCard
          title="The answer stopped"
          text="The model did not reply for 60 s. What arrived is kept."
          code="timeout"
        >
          <Button size="sm" variant="outline">
            Try again
          </Button>
        </ErrorCard>
        <div className="flex h-48 rounded-card border border-border">
          <EmptyState
            title="Nothing here"
            text="What was deleted in the last 30 days stands here."
            action={<Button>New chat</Button>}
          />
        </div>
      </Sample>
      <Sample name="Markdown">
        <AnswerText text={markdown} running={false} />
      </Sample>
    </div>
  )
}

/** Of what can be chosen, and a menu inside it. */
function ChoosingMenu() {
  const [chosen, setChosen] = useState('one')
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="outline">Menu of choices</Button>
      </MenuTrigger>
      <MenuContent align="start">
        <MenuLabel>One of these</MenuLabel>
        <MenuRadioGroup value={chosen} onValueChange={setChosen} aria-label="One of these">
          <MenuRadioItem value="one">The first</MenuRadioItem>
          <MenuRadioItem value="two">The second</MenuRadioItem>
          <MenuRadioItem value="three" disabled>
            A disabled one
          </MenuRadioItem>
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuSub>
          <MenuSubTrigger>
            <Plus />
            More
          </MenuSubTrigger>
          <MenuSubContent>
            <MenuItem>An inner item</MenuItem>
            <MenuItem danger>A dangerous one</MenuItem>
          </MenuSubContent>
        </MenuSub>
      </MenuContent>
    </Menu>
  )
}

function Sample({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4">
      <h2 className="border-border border-b pb-2 font-medium text-muted text-sm">{name}</h2>
      {children}
    </section>
  )
}
