// Types of /.yizhan/bridge.js. Load it with <script src="/.yizhan/bridge.js" defer></script>; everything is `window.yizhan`.
// Pages must work without it: it adds comfort, it decides nothing. The server side knows the same from the host.

/** How the visitor wants pages; never who the visitor is. */
export interface YizhanVisitor {
  /** BCP 47 tag: `zh-CN` or `en`. */
  locale: 'zh-CN' | 'en';
  /** Administrative region, 12 digits; `000000000000` is the whole country. */
  region: string;
  /** Whether large text and plain pages are wished for. Also on the page: `<html data-yizhan-elder="true">`. */
  elderMode: boolean;
  /** Whether someone is signed in to this app. Always `false` in an open app. */
  signedIn: boolean;
}

/** What to share; the page's own title and address where left out. */
export interface YizhanShare {
  title?: string;
  text?: string;
  url?: string;
}

export interface YizhanBridge {
  /** The visitor's wishes; asked of the host once per page view. Rejects when the host cannot be reached. */
  visitor(): Promise<YizhanVisitor>;
  /** Changes the wishes on this app's origin and answers the new ones. */
  setVisitor(wish: { locale?: 'zh-CN' | 'en'; region?: string; elderMode?: boolean }): Promise<YizhanVisitor>;
  /** Calls back when the wishes or the sign-in changed, also in another tab. Returns a function that ends it. */
  onVisitorChange(listener: (visitor: YizhanVisitor) => void): () => void;
  /**
   * Asks the person to sign in and to grant claims, as in `authorize(['id-number'], 'query-insurance')`. Leaves the page and
   * comes back to `returnPath` (one leading `/`; this page when left out) without a trace in the history.
   */
  authorize(claims?: string[], purpose?: string, returnPath?: string): void;
  /** Signs the person out of this app. */
  signOut(): Promise<YizhanVisitor>;
  /** Back to the portal: to where it opened this app when the browser can tell, else to its home page. */
  back(): void;
  /**
   * Shares this page by the device's sheet, else copies its address. The sheet needs `web-share` and copying needs
   * `clipboard-write` in the manifest's `gov_browser`; without them the answer is `unavailable`.
   */
  share(what?: YizhanShare): Promise<'shared' | 'copied' | 'cancelled' | 'unavailable'>;
  /** Says that the page is usable now (t2). Without a call, the end of loading counts. Reported once per page view. */
  usable(): void;
}

declare global {
  interface Window {
    yizhan: YizhanBridge;
  }
  const yizhan: YizhanBridge;
}
