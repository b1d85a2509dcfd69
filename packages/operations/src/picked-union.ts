import { z } from 'zod';

interface PickedUnionDef extends z.core.$ZodUnionDef {
  readonly pick: (value: unknown) => z.ZodType;
}

interface PickedUnion extends z.ZodUnion {
  readonly _zod: z.core.$ZodUnionInternals & { readonly def: PickedUnionDef };
}

const PickedUnion = z.core.$constructor<PickedUnion>('PickedUnion', (union, definition) => {
  z.ZodUnion.init(union, definition);
  union._zod.parse = (payload, context) => definition.pick(payload.value)._zod.run(payload, context);
});

/**
 * A union that looks at the value to pick the one member that judges it. A plain `z.union` tries them all and, when none fits,
 * can only say "invalid input"; this one reports the faults of the member that was meant, each with its path.
 * Types and JSON schema are those of the plain union.
 */
export function pickedUnion<const Members extends readonly z.ZodType[]>(
  members: Members,
  pick: (value: unknown) => z.ZodType<z.output<Members[number]>>,
): z.ZodUnion<Members> {
  return new PickedUnion({ type: 'union', options: members, inclusive: true, pick }) as z.ZodType as z.ZodUnion<Members>;
}

/** Whether a value of unknown kind is an object that has the key. */
export function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
