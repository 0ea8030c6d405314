/** Where a file's content is: for those who are signed in, or by the token of a shared conversation. */
export const contentOf = (id: number, token?: string) =>
  token ? `/api/v1/shared/${encodeURIComponent(token)}/files/${id}` : `/api/v1/files/${id}/content`
