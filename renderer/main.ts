/** The window's beginning: finds the wire that this host gives, and mounts the app on it. */

import '@fontsource-variable/inter/wght.css';
import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { App as AppState } from './state/app.svelte';
import { openWire } from './wire';

mount(App, { target: document.body, props: { app: new AppState(openWire) } });
