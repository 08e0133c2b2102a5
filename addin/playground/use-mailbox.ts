import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { mailboxApi, RequestError, type Folder, type Mailbox, type MailboxApi, type Message } from './api.ts';

/** One mailbox as its window shows it: folders, the chosen folder's messages, the chosen message. */
export interface MailboxView {
  readonly api: MailboxApi;
  readonly folders: readonly Folder[];
  readonly folder: Folder | undefined;
  readonly messages: readonly Message[] | undefined;
  readonly selected: Message | undefined;
  readonly problem: string | undefined;
  chooseFolder(id: string): void;
  select(id: string | undefined): void;
  refresh(): void;
}

const FOLDER_ORDER = ['inbox', 'draft', 'sent', 'trash', 'junk'];

export function useMailbox(mailbox: Mailbox): MailboxView {
  const api = useMemo(() => mailboxApi(mailbox), [mailbox]);
  const [folders, setFolders] = useState<readonly Folder[]>([]);
  const [folderId, setFolderId] = useState<string>();
  const [messages, setMessages] = useState<readonly Message[]>();
  const [selectedId, setSelectedId] = useState<string>();
  const [fetched, setFetched] = useState<Message>();
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);
  const folder = folders.find((f) => f.id === folderId) ?? folders.find((f) => f.sysLabel === 'inbox');
  const refresh = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    let current = true;
    api.folders().then((all) => {
      if (!current) return;
      const rank = (f: Folder): number => (FOLDER_ORDER.indexOf(f.sysLabel ?? '') + FOLDER_ORDER.length + 1) % (FOLDER_ORDER.length + 1);
      setFolders(all.filter((f) => f.isFolder !== false).sort((a, b) => rank(a) - rank(b)));
    }, (error: unknown) => current && setProblem(sentence(error)));
    return () => {
      current = false;
    };
  }, [api]);

  const shownFolder = useRef<string>(undefined);
  useEffect(() => {
    if (!folder) return;
    let current = true;
    if (shownFolder.current !== folder.id) setMessages(undefined);
    shownFolder.current = folder.id;
    api.messages(folder.id).then((records) => {
      if (!current) return;
      setMessages(records);
      setProblem(undefined);
    }, (error: unknown) => current && setProblem(sentence(error)));
    return () => {
      current = false;
    };
  }, [api, folder?.id, round]); // eslint-disable-line react-hooks/exhaustive-deps

  const listed = messages?.find((m) => m.id === selectedId);
  // A message that is opened from elsewhere (a link in the pane) need not be in the folder that is shown.
  useEffect(() => {
    if (!selectedId || listed) return;
    let current = true;
    api.message(selectedId).then((m) => current && setFetched(m), () => current && setFetched(undefined));
    return () => {
      current = false;
    };
  }, [api, selectedId, listed]);

  const select = useCallback((id: string | undefined) => {
    setSelectedId(id);
    if (!id) return;
    setMessages((all) => all?.map((m) => m.id === id ? { ...m, sysLabels: m.sysLabels?.filter((l) => l !== 'unread') ?? [] } : m));
    api.markRead(id).catch(() => undefined);
  }, [api]);

  return {
    api, folders, folder, messages, problem, select, refresh,
    selected: listed ?? (fetched?.id === selectedId ? fetched : undefined),
    chooseFolder: useCallback((id: string) => {
      setFolderId(id);
      setSelectedId(undefined);
    }, []),
  };
}

export const sentence = (error: unknown): string => error instanceof RequestError ? error.message : 'Something failed in this page; reload it.';
