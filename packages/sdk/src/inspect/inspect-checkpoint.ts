import {
  expandLayout,
  resolveTensors,
  type Architecture,
  type Axis,
  type Layout,
  type Space,
  type Stack,
} from "@ligo/core";
import { findArchitecture, type FindArchitectureOptions } from "../models/find-architecture.js";
import { openHeaders, type HubAccess } from "../models/hub-models.js";
import { describeModel } from "../models/model-spec.js";
import { withFile } from "../models/with-file.js";
import { UsageError } from "../usage-error.js";
import { draftLayout, type LayoutDraft } from "./draft-layout.js";
import { renderDraft } from "./render-draft.js";

export interface InspectOptions extends FindArchitectureOptions, HubAccess {
  /** A folder, a `.safetensors` file beside its `config.json`, or an id on the Hugging Face hub. */
  readonly checkpoint: string;
  /** Draft a layout from the headers even where the architecture is known. */
  readonly draft?: boolean | undefined;
}

/** A parameter of a known layout, as this config and class have it. */
export interface InspectedParameter {
  /** Name, `{i}` for the layer. */
  readonly name: string;
  readonly stack: string | null;
  readonly shape: readonly number[];
  readonly axes: readonly Axis[];
  readonly tied_to: string | null;
  readonly copy_of: string | null;
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
 * Says how a checkpoint is laid out, from headers and config only. Where no architecture is installed for its model type,
 * drafts a layout: layers and axes guessed from names and sizes, and what could not be guessed listed.
 */
export async function inspectCheckpoint(options: InspectOptions): Promise<InspectResult> {
  const { checkpoint: path } = options;
  const checkpoint = await openHeaders(path, options);
  try {
    const { config, configFile, headers } = checkpoint;
    const modelType = String(config["model_type"]);
    const architecture =
      options.draft === true ? undefined : await knownArchitecture(modelType, options);
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
    const { layout, className } = describeModel(architecture, config, configFile);
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
  modelType: string,
  options: FindArchitectureOptions,
): Promise<Architecture | undefined> {
  try {
    return await findArchitecture(modelType, options);
  } catch (error) {
    if (error instanceof UsageError && error.code === "cli/unknown-architecture") return undefined;
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
      tied_to: parameter.tiedTo ?? null,
      copy_of: parameter.mirrorOf ?? null,
      readout: parameter.readout === true,
    }));
}
