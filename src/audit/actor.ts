/** Who did it. An operator's command line is `cli:<os user>`; `browser` is a visitor who is not signed in yet. */
export type Actor =
  | { readonly kind: 'account'; readonly id: string; readonly requestId?: string }
  | { readonly kind: 'client'; readonly id: string; readonly requestId?: string }
  | { readonly kind: 'browser'; readonly id?: undefined; readonly requestId?: string }
  | { readonly kind: 'cli'; readonly id: string; readonly requestId?: undefined }
  | { readonly kind: 'job'; readonly id: string; readonly requestId?: undefined };
