import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { addressOf, wishesOf } from './page.ts';
import { styles } from './styles.ts';

const sheet = document.createElement('style');
sheet.textContent = styles;
document.head.append(sheet);
createRoot(document.getElementById('root')!).render(<App address={addressOf(window.location.pathname)} wishes={wishesOf(window.location)} />);
