/** The volume of the filesystem driver. */
import type { App } from 'cdk8s';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1';
import { optional } from '../helm/directives.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { usesS3 } from './configuration.js';
import { labelsOf, nameOf } from './names.js';
import { v } from './values.js';

export function storageClaim(app: App): void {
  const { existingClaim, size, storageClassName } = v.storage.filesystem;
  new Manifest<IPersistentVolumeClaim>(
    new TemplateFile(app, 'storage/persistentvolumeclaim.yaml'),
    'claim',
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: nameOf('storage'), labels: labelsOf('storage'), annotations: { 'helm.sh/resource-policy': 'keep' } },
      spec: {
        accessModes: ['ReadWriteMany'],
        ...optional('storageClassName', storageClassName),
        resources: { requests: { storage: size } },
      },
    },
    usesS3.not().and(existingClaim.not()),
  );
}
