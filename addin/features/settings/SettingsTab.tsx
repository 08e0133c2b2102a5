import type { ReactElement } from 'react';
export function SettingsTab(_props: { readonly appearance: string; readonly onAppearance: (a: 'auto' | 'light' | 'dark') => void }): ReactElement {
  return <p>Settings</p>;
}
