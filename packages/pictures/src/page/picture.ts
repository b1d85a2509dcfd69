/** What the page is told to draw, and what it says of what it has drawn: all that goes between it and the program around it. */
import type { Dashboard } from '@grafana/schema';

/** The page finds it under this path. */
export const requestPath = '/request.json';

/** The page finds the HTTP API of Prometheus under this path. */
export const prometheusPath = '/prometheus';

export interface PictureRequest {
  /** As it is in the file that Grafana imports. */
  readonly dashboard: Dashboard;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Seconds between two scrapes, as the data source would be told in Grafana. */
  readonly scrapeInterval: number;
}

export interface PictureReport {
  /** In the order of the dashboard, without rows. */
  readonly panels: readonly PanelReport[];
}

export interface PanelReport {
  readonly title: string;
  /** `empty`: none of its queries has a figure. `error`: a query was refused, or the panel could not be drawn. */
  readonly state: 'drawn' | 'empty' | 'error';
  /** What went wrong. */
  readonly error?: string;
  readonly queries: readonly QueryReport[];
}

export interface QueryReport {
  readonly refId: string;
  /** As Prometheus was asked. */
  readonly expr: string;
  /** How many series have at least one sample that is a number. */
  readonly series: number;
}

declare global {
  interface Window {
    /** Set when everything is drawn. */
    pictureReport?: PictureReport;
  }
}
