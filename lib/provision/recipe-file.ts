import type { IConstruct } from 'constructs';
import { Annotations, OutputFile, Stack } from '../core/index.js';
import type { Software } from './software.js';

const RECIPES = new WeakMap<Stack, Map<string, { readonly file: OutputFile; readonly recipe: string }>>();

/**
 * The recipe of a software as a file of the stack, made once.
 *
 * @param of what needs it
 */
export function recipeFile(of: IConstruct, software: Software): OutputFile {
  const stack = Stack.of(of);
  const recipes = RECIPES.get(stack) ?? new Map();
  RECIPES.set(stack, recipes);
  const { name, recipe } = software;
  const known = recipes.get(name);
  if (known !== undefined) {
    if (known.recipe !== recipe) Annotations.of(of).addError('duplicate-software', `two different recipes are named "${name}"; rename one`);
    return known.file;
  }
  const file = new OutputFile(stack, `Recipe-${name}`, { path: `software/${name}.sh`, render: () => recipe });
  recipes.set(name, { file, recipe });
  return file;
}
