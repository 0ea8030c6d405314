/** What stands on the page until the app does; the same picture as in index.html. */
export function Frame() {
  return (
    <div className="frame" aria-hidden="true">
      <i />
      <b>
        <i />
      </b>
    </div>
  )
}
