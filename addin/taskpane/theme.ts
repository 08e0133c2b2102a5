import { webDarkTheme, webLightTheme, type Theme } from '@fluentui/react-components';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { officeColours, watchOfficeTheme } from '../office/mailbox.ts';
import { roaming, setRoaming } from '../office/settings.ts';

export type Appearance = 'auto' | 'light' | 'dark';

interface Look {
  readonly dark: boolean;
  readonly contrast: boolean;
}

/** The person's choice first, then Outlook's own colours where the client tells them, then the system's. */
export function useAppearance(): { theme: Theme; appearance: Appearance; choose: (appearance: Appearance) => void } {
  const [appearance, setAppearance] = useState<Appearance>(() => roaming('appearance', (v) => (v === 'light' || v === 'dark' ? v : 'auto')));
  const system = useSystemLook();
  const office = useSyncExternalStore(watchOfficeTheme, officeColours);
  const dark = appearance !== 'auto' ? appearance === 'dark' : office ? office !== 'light' : system.dark;
  // Who needs contrast needs it in either appearance.
  const contrast = system.contrast || office === 'highContrast';
  return {
    theme: useTheme({ dark, contrast }),
    appearance,
    choose: (next) => {
      setAppearance(next);
      setRoaming('appearance', next);
    },
  };
}

/** Fluent's colours for this look; the browser's own scrollbars and controls take them too. */
export function useTheme({ dark, contrast }: Look): Theme {
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return THEMES[`${dark ? 'dark' : 'light'}${contrast ? 'Contrast' : ''}`];
}

export function useSystemLook(): Look {
  return { dark: useMedia('(prefers-color-scheme: dark)'), contrast: useMedia('(prefers-contrast: more)') };
}

function useMedia(text: string): boolean {
  const [query] = useState(() => matchMedia(text));
  const [matches, setMatches] = useState(query.matches);
  useEffect(() => {
    const changed = () => setMatches(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [query]);
  return matches;
}

/** Fluent's sizes of text are pixels; in rem they follow the size that a person has set in the browser. */
function inRem(theme: Theme): Theme {
  const sizes = Object.entries(theme).filter(([name, value]) => /^(fontSize|lineHeight)/.test(name) && /px$/.test(String(value)));
  return { ...theme, ...Object.fromEntries(sizes.map(([name, value]) => [name, `${parseFloat(String(value)) / 16}rem`])) };
}

/**
 * One background, text and lines as far from it as can be; what is filled has the accent under text of the
 * background's colour, and what is disabled can still be read.
 */
function strong(theme: Theme, background: string, text: string, accent: string, disabled: string): Theme {
  const filled = Object.keys(theme).filter((name) => /^color(Compound)?BrandBackground(Hover|Pressed|Selected)?$/.test(name));
  const onFilled = Object.keys(theme).filter((name) => /^colorNeutralForeground(OnBrand|InvertedLink(Hover|Pressed|Selected)?)$/.test(name));
  return {
    ...theme,
    ...Object.fromEntries([...filled.map((name) => [name, accent]), ...onFilled.map((name) => [name, background])]),
    colorNeutralForegroundInverted: background,
    colorNeutralForegroundDisabled: disabled, colorNeutralStrokeDisabled: disabled, colorNeutralBackgroundDisabled: background,
    colorNeutralBackground1: background, colorNeutralBackground2: background, colorNeutralBackground3: background,
    colorNeutralForeground1: text, colorNeutralForeground2: text, colorNeutralForeground3: text, colorNeutralForeground4: text,
    colorCompoundBrandForeground1: accent, colorCompoundBrandStroke: accent, colorCompoundBrandStrokeHover: accent,
    colorNeutralStroke1: text, colorNeutralStroke2: text, colorNeutralStroke3: text, colorNeutralStrokeAccessible: text,
    colorBrandForegroundLink: accent, colorBrandForegroundLinkHover: accent, colorBrandForeground1: accent,
    colorStatusDangerBackground1: background, colorStatusDangerBorder1: text, colorStatusDangerForeground1: text,
  };
}

const THEMES = {
  light: inRem(webLightTheme),
  dark: inRem(webDarkTheme),
  lightContrast: strong(inRem(webLightTheme), '#ffffff', '#000000', '#0c3b5e', '#5c5c5c'),
  darkContrast: strong(inRem(webDarkTheme), '#000000', '#ffffff', '#96c6fa', '#a6a6a6'),
};
