export { BackupPool, type BackupPoolProps } from './backup-pool.js';
export { ErrorPages } from './error-pages.js';
export { HaproxyBalancer, type HaproxyBalancerProps } from './haproxy-balancer.js';
export { HaproxyFrontend, type HaproxyFrontendProps, type Statistics, type StatisticsOptions } from './haproxy-frontend.js';
export { Password } from './password.js';
export { Site } from './site.js';
export { type ActivateWhen, WebBackend, type WebBackendProps } from './web-backend.js';
export { APACHE_WORKERS, WebServer, type WebServerOptions } from './web-server.js';
