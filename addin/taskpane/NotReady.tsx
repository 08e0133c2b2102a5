import { Button, FluentProvider } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { OfficeError } from '../office/errors.ts';
import { Heading, Quiet, Row, Stack } from '../ui/layout.tsx';
import { useSystemLook, useTheme } from './theme.ts';

/** The page where Outlook is not there: opened in a browser by itself, or Office.js kept away by a network. */
export function NotReady({ error }: { readonly error: unknown }): ReactElement {
  const theme = useTheme(useSystemLook());
  const noHost = error instanceof OfficeError && error.code === 'office.noHost';
  return (
    <FluentProvider theme={theme} style={{ minHeight: '100vh', padding: 16, boxSizing: 'border-box' }}>
      <main><Stack>
        {noHost ? (
          <>
            <Heading level={1}>Open Sundial in Outlook</Heading>
            <Quiet>This page is Sundial’s task pane; it works beside a message. Open a message in Outlook and choose Sundial above it.</Quiet>
            <Quiet>Sundial isn’t there? Add it with the manifest that belongs to this server, or ask your administrator to.</Quiet>
          </>
        ) : (
          <>
            <Heading level={1}>Outlook didn’t answer.</Heading>
            <Quiet>Office.js, which Outlook add-ins talk through, didn’t load. A network that blocks it is the usual cause.</Quiet>
            <Row><Button appearance="primary" onClick={() => location.reload()}>Reload</Button></Row>
          </>
        )}
      </Stack></main>
    </FluentProvider>
  );
}
