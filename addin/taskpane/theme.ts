import { webDarkTheme, webLightTheme, type Theme } from '@fluentui/react-components';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { officeThemeIsDark, watchOfficeTheme } from '../office/mailbox.ts';
import { roaming, setRoaming } from '../office/settings.ts';

export type Appearance = 'auto' | 'light' | 'dark';

/** The person's choice first, then Outlook's own colours where the client tells them, then the system's. */
export function useAppearance(): { theme: Theme; dark: boolean; appearance: Appearance; choose: (appearance: Appearance) => void } {
  const [appearance, setAppearance] = useState<Appearance>(() => roaming('appearance', (v) => (v === 'light' || v === 'dark' ? v : 'auto')));
  const systemDark = useSystemDark();
  const officeDark = useSyncExternalStore(watchOfficeTheme, officeThemeIsDark);
  const dark = appearance === 'auto' ? officeDark ?? systemDark : appearance === 'dark';
  useEffect(() => {
    // Scrollbars and form controls of the browser follow too.
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return {
    dark,
    theme: dark ? webDarkTheme : webLightTheme,
    appearance,
    choose: (next) => {
      setAppearance(next);
      setRoaming('appearance', next);
    },
  };
}

function useSystemDark(): boolean {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [query]);
  return dark;
}
