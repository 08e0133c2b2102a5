import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import HtmlWebpackPlugin from 'html-webpack-plugin';

/**
 * Builds the add-in's pages into dist/addin. server/pages.ts serves them and writes into each page,
 * in place of two meta elements, where Office.js comes from and what the page needs to know of this server.
 */
const root = dirname(fileURLToPath(import.meta.url));
const source = (path) => resolve(root, 'addin', path);

/** `page`: the HTML file and its title. `file`: a script with a fixed name, because others refer to it by URL. */
const ENTRIES = {
  taskpane: { from: source('taskpane/main.tsx'), page: 'taskpane.html', title: 'Sundial' },
  'auth-return': { from: source('auth-return/main.ts'), page: 'auth-return.html', title: 'Signing in' },
  scheduler: { from: source('scheduler/main.tsx'), page: 'booking.html', title: 'Book a time' },
  playground: { from: source('playground/main.tsx'), page: 'playground.html', title: 'Sundial playground' },
  // Speaks to the pane as Outlook's own Office.js does, so it must run alone: no shared chunks.
  'playground-office': { from: source('playground/office-host.ts'), file: 'playground-office.js' },
  'launchevent-page': { from: source('launchevent/page.ts'), page: 'launchevent.html', title: 'Sundial events' },
};
const entries = Object.entries(ENTRIES).filter(([, entry]) => existsSync(entry.from));
const EVENTS = 'launchevent.js';
const fixedName = ({ chunk }) => ENTRIES[chunk?.name ?? '']?.file;

const output = {
  path: resolve(root, 'dist/addin'),
  publicPath: '/addin/',
};
const resolveFiles = {
  extensions: ['.ts', '.tsx', '.js'],
  // TypeScript rewrites an import of './x.ts' to './x.js' before webpack looks for the file.
  extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
};
/** Types are checked by `npm run typecheck`; here they are only taken off. */
const compile = (name, options) => ({
  rules: [{ test: /\.tsx?$/, exclude: /node_modules/, loader: 'ts-loader', options: { instance: name, transpileOnly: true, compilerOptions: { incremental: false, rootDir: root, ...options } } }],
});
const cache = (name) => ({ type: 'filesystem', name, cacheDirectory: resolve(root, '.cache/webpack'), buildDependencies: { config: [fileURLToPath(import.meta.url)] } });
const maps = (mode) => (mode === 'production' ? false : 'source-map');

const pages = (mode) => ({
  name: 'pages',
  mode,
  target: ['web', 'es2022'],
  devtool: maps(mode),
  entry: Object.fromEntries(entries.map(([name, entry]) => [name, entry.from])),
  output: {
    ...output,
    filename: (data) => fixedName(data) ?? '[name].[contenthash:12].js',
    chunkFilename: '[name].[contenthash:12].js',
    clean: { keep: new RegExp(`^${EVENTS}`) },
  },
  resolve: resolveFiles,
  module: compile('pages', {}),
  optimization: {
    splitChunks: { chunks: (chunk) => !ENTRIES[chunk.name ?? '']?.file },
  },
  // The first script of a page must stay under 190 kB gzip, about 640 kB as written; test/browser measures it.
  performance: { maxEntrypointSize: 700_000, maxAssetSize: 700_000 },
  plugins: entries.filter(([, entry]) => entry.page).map(([name, entry]) => new HtmlWebpackPlugin({
    filename: entry.page,
    title: entry.title,
    chunks: [name],
    scriptLoading: 'defer',
    template: source('page.html'),
    minify: false,
  })),
  cache: cache('pages'),
  stats: 'errors-warnings',
});

/**
 * What Outlook runs by itself: one file whose address the manifest names. Classic Outlook runs it without
 * a page, on an engine that may know no more than ES2016 and fails on the conditional operator, which
 * any minifier writes; so this one is left as it was compiled.
 */
const events = (mode) => ({
  name: 'events',
  mode,
  target: ['webworker', 'es2015'],
  devtool: maps(mode),
  entry: source('launchevent/main.ts'),
  output: { ...output, filename: EVENTS },
  resolve: resolveFiles,
  module: compile('events', { target: 'ES2016', removeComments: true }),
  optimization: { minimize: false, concatenateModules: true },
  cache: cache('events'),
  stats: 'errors-warnings',
});

export default (_env, { mode = 'production' }) => [pages(mode), events(mode)];
