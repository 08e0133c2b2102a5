import { createRoot } from 'react-dom/client';
import { readConfig } from '../features/pane.ts';
import { watchItem } from '../office/item.ts';
import { officeReady } from '../office/ready.ts';
import { App } from './App.tsx';
import { NotReady } from './NotReady.tsx';

const root = createRoot(document.getElementById('root')!);
officeReady().then(() => {
  watchItem();
  root.render(<App config={readConfig()} />);
}, (error: unknown) => root.render(<NotReady error={error} />));
