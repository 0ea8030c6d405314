/** What stands on the page until the app does; the same picture as in index.html. */
export function Frame() {
  return (
    <div className="frame" aria-hidden="true">
      <i>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" fill="#4a40e0" />
          <path
            d="M9 12.5A3.5 3.5 0 0 1 12.5 9h7a3.5 3.5 0 0 1 3.5 3.5v4a3.5 3.5 0 0 1-3.5 3.5H16l-4.5 3.6V20A2.9 2.9 0 0 1 9 17z"
            fill="#fff"
          />
        </svg>
      </i>
      <b>
        <i />
      </b>
    </div>
  )
}
