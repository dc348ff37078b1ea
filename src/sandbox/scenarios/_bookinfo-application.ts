/** What bookinfo's workloads do with a request, and the visitors who keep coming. */
import type { Application, Behaviour, Operation } from '../traffic/application.ts';
import type { Call } from '../traffic/exchange.ts';
import { BOOKINFO, ROOT_NAMESPACE } from './_names.ts';

const HOST = 'bookinfo.example.com';
const PAGE = '<!DOCTYPE html><html><head><title>Simple Bookstore App</title></head><body><h1>The Comedy of Errors</h1></body></html>\n';
const JSON_TYPE = 'application/json';

const call = (service: string, path: string): Call => ({
  ...{ namespace: BOOKINFO, service, port: 9080, method: 'GET', path, authority: `${service}:9080` },
  headers: { 'user-agent': 'python-requests/2.32.3' },
});

const behaviour = (app: string, operations: readonly Operation[], labels: Readonly<Record<string, string>> = {}): Behaviour => ({
  namespace: BOOKINFO,
  labels: { app, ...labels },
  operations,
});

const reviews = (version: string, latencyMs: number, callsRatings: boolean): Behaviour =>
  behaviour(
    'reviews',
    [
      {
        ...{ method: 'GET', path: '/reviews/', latencyMs, responseBytes: 0, contentType: JSON_TYPE },
        body: JSON.stringify({ id: '0', podname: `reviews-${version}`, reviews: [{ reviewer: 'Reviewer1' }, { reviewer: 'Reviewer2' }] }),
        calls: callsRatings ? [call('ratings', '/ratings/0')] : [],
      },
    ],
    { version },
  );

const toPage: Call = { namespace: BOOKINFO, service: 'productpage', port: 9080, method: 'GET', path: '/' };

/** A visitor comes in through the gateway; some ask for what is not there. */
const visit = (path: string): Call => ({
  ...{ namespace: ROOT_NAMESPACE, service: 'istio-ingressgateway', port: 80, method: 'GET', path, authority: HOST },
  headers: { 'user-agent': 'Mozilla/5.0' },
});

const ask = { method: 'GET', responseBytes: 0 } as const;

export const bookinfoApplication: Application = {
  behaviours: [
    {
      namespace: ROOT_NAMESPACE,
      labels: { istio: 'ingressgateway' },
      operations: [{ path: '/', latencyMs: 1, responseBytes: 0, forwards: true, calls: [toPage] }],
    },
    behaviour('productpage', [
      {
        ...{ ...ask, path: '/productpage', latencyMs: 8, body: PAGE, contentType: 'text/html' },
        calls: [call('details', '/details/0'), call('reviews', '/reviews/0')],
      },
      {
        ...ask,
        path: '/api/v1/products',
        latencyMs: 4,
        body: JSON.stringify([{ id: 0, title: 'The Comedy of Errors' }]),
        contentType: JSON_TYPE,
      },
      { ...ask, path: '/', latencyMs: 2, body: PAGE, contentType: 'text/html' },
    ]),
    behaviour('details', [
      {
        ...ask,
        path: '/details/',
        latencyMs: 3,
        body: JSON.stringify({ id: 0, author: 'William Shakespeare', pages: 200 }),
        contentType: JSON_TYPE,
      },
    ]),
    reviews('v1', 5, false),
    reviews('v2', 9, true),
    reviews('v3', 12, true),
    behaviour('ratings', [
      {
        ...ask,
        path: '/ratings/',
        latencyMs: 2,
        body: JSON.stringify({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 4 } }),
        contentType: JSON_TYPE,
      },
    ]),
  ],
  clients: [{ calls: ['/productpage', '/productpage', '/api/v1/products', '/productpage', '/nothing'].map(visit), everyMs: 250 }],
};
