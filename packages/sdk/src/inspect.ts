import type { Architecture, Axis, Layout, RawConfig, Space, Stack } from "@ligo/core";
import { expandLayout, resolveTensors } from "@ligo/core/layout";
import { checkNotQuantised } from "@ligo/checkpoint";
import { inContext, type Context, type Handles } from "./context.js";
import type { FindArchitectureOptions } from "./models/find-architecture.js";
import { openHeaders } from "./models/hub-models.js";
import { IN_MEMORY, memoryCheckpoint } from "./models/memory-checkpoint.js";
import type { ModelSource } from "./models/model-source.js";
import { describeModel } from "./models/model-spec.js";
import { architectureOf } from "./models/open-model.js";
import { impliedKeys } from "./models/optional-parts.js";
import { withFile } from "./models/with-file.js";
import { check } from "./settings/check.js";
import { splitHandles } from "./settings/handles.js";
import { inspectSettings } from "./settings/inspect.js";
import type { CheckedInspectSettings, InspectSettings } from "./settings/types.generated.js";
import { UsageError } from "./usage-error.js";
import { draftLayout, type LayoutDraft } from "./inspect/draft-layout.js";
import { renderDraft } from "./inspect/render-draft.js";
import { modelTypeOf } from "./models/model-type.js";

/** A parameter of a known layout, as this config and class have it. */
export interface InspectedParameter {
  /** Name, `{i}` for the layer. */
  readonly name: string;
  readonly stack: string | null;
  readonly shape: readonly number[];
  readonly axes: readonly Axis[];
  readonly tiedTo: string | null;
  readonly copyOf: string | null;
  readonly readout: boolean;
}

export type InspectResult =
  | {
      readonly kind: "layout";
      readonly checkpoint: string;
      readonly architecture: string;
      readonly class: string;
      readonly spaces: Readonly<Record<string, Space>>;
      readonly stacks: Readonly<Record<string, Stack>>;
      readonly parameters: readonly InspectedParameter[];
      /** Stored tensors that are not read: ties, copies, buffers, heads the class lacks. */
      readonly ignored: readonly string[];
    }
  | {
      readonly kind: "draft";
      readonly checkpoint: string;
      readonly architecture: string;
      readonly class: string;
      readonly draft: LayoutDraft;
      /** The draft as `layout.ts` of an architecture package. */
      readonly source: string;
    };

/**
 * The layout of a checkpoint, from headers and config alone. Where no architecture is installed for its model type, a draft
 * of one: layers and axes guessed from names and sizes, with a list of what could not be guessed.
 */
export async function inspect(
  from: ModelSource,
  given: InspectSettings & Handles = {},
): Promise<InspectResult> {
  const { handles, settings: plain } = splitHandles(given);
  const { settings } = check(inspectSettings, plain);
  return inContext(handles, (context) => inspectIn(from, settings, context));
}

async function inspectIn(
  from: ModelSource,
  { architecture: asked, draft: drafts }: CheckedInspectSettings,
  context: Context,
): Promise<InspectResult> {
  const path = typeof from === "string" ? from : IN_MEMORY;
  const checkpoint =
    typeof from === "string" ? await openHeaders(from, context) : memoryCheckpoint(from).checkpoint;
  try {
    const { config, configFile, headers } = checkpoint;
    const modelType = modelTypeOf(config);
    const options = { ...context, architecture: asked };
    const architecture = drafts ? undefined : await knownArchitecture(config, configFile, options);
    if (architecture === undefined) {
      const draft = draftLayout(config, headers);
      return {
        kind: "draft",
        checkpoint: path,
        architecture: modelType,
        class: draft.className,
        draft,
        source: renderDraft(draft),
      };
    }
    checkNotQuantised(checkpoint);
    const implied = impliedKeys(architecture, headers.keys());
    const { layout, className } = describeModel(
      architecture,
      config,
      configFile,
      undefined,
      implied,
    );
    const { dropped } = withFile(checkpoint.folder, () => resolveTensors(layout, headers));
    return {
      kind: "layout",
      checkpoint: path,
      architecture: modelType,
      class: className,
      spaces: layout.spaces,
      stacks: layout.stacks,
      parameters: inspected(layout),
      ignored: dropped,
    };
  } finally {
    await checkpoint.close();
  }
}

async function knownArchitecture(
  config: RawConfig,
  file: string,
  options: FindArchitectureOptions,
): Promise<Architecture | undefined> {
  try {
    return await architectureOf(config, file, options);
  } catch (error) {
    if (error instanceof UsageError && error.code === "sdk/unknown-architecture") return undefined;
    throw error;
  }
}

function inspected(layout: Layout): readonly InspectedParameter[] {
  return expandLayout(layout)
    .filter(({ layer }) => (layer ?? 0) === 0)
    .map(({ parameter, shape }) => ({
      name: parameter.name,
      stack: parameter.stack ?? null,
      shape,
      axes: parameter.axes,
      tiedTo: parameter.tiedTo ?? null,
      copyOf: parameter.mirrorOf ?? null,
      readout: parameter.readout === true,
    }));
}
