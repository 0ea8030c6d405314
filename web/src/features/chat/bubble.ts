/** The look of what a person said. */
export const bubbleClass =
  'ms-auto w-fit max-w-[85%] whitespace-pre-wrap rounded-[20px] bg-user px-4 py-2.5 text-chat [overflow-wrap:anywhere]'
