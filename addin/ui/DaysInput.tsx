import { Input } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';

/** A number of days within a sentence, from 0 to `most`. What is no such number stays in the field and counts for nothing. */
export function DaysInput({ labelledBy, most, value, onChange }: {
  readonly labelledBy: string; readonly most: number; readonly value: number; readonly onChange: (days: number) => void;
}): ReactElement {
  const [text, setText] = useState<string | null>(null);
  return (
    <Input
      type="number" inputMode="numeric" style={{ width: '4.5rem' }} input={{ style: { minWidth: 0 } }} aria-labelledby={labelledBy} min={0} max={most} value={text ?? String(value)}
      onChange={(_, { value: typed }) => {
        setText(typed);
        const days = Number(typed);
        if (typed.trim() && Number.isInteger(days) && days >= 0 && days <= most) onChange(days);
      }}
      onBlur={() => setText(null)}
    />
  );
}
