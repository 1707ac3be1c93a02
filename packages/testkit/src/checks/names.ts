import {
  elementCount,
  LayoutError,
  resolveTensors,
  writtenTensors,
  type Architecture,
  type Layout,
  type TensorHeader,
} from "@ligo/core";
import type { ArchitectureFixtures, FixtureTensor, FixtureTensors } from "../fixtures.js";
import { headerConfig, headerName, layOut, newestVersion, readWeights } from "../models.js";
import { sameBits } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingHeaders } from "./missing-fixtures.js";

/** A file of a layout whose numbers tell every element from every other. */
function numberedFile(layout: Layout): FixtureTensors {
  let next = 0;
  const numbers = new Map<string, FixtureTensor>();
  const file = new Map<string, FixtureTensor>();
  for (const { name, source, shape } of writtenTensors(layout)) {
    const size = elementCount(shape);
    const tensor = numbers.get(source) ?? {
      shape,
      data: Float32Array.from({ length: size }, () => (next += 1)),
    };
    numbers.set(source, tensor);
    file.set(name, tensor);
  }
  return file;
}

/** Check 4: every declared variant of names is read to the same canonical tensors, number by number. */
export async function checkNameVariants(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const { variants = [] } = fixtures;
  if (variants.length === 0) {
    return { notApplicable: "the fixtures declare no variants of names (`variants`)" };
  }
  const found = variants.map((variant) => {
    const { className = architecture.architectures[0] ?? "" } = variant;
    const config = variant.config === undefined ? {} : { config: variant.config };
    const where = `${variant.name} (${className})`;
    return attempt(
      where,
      "Bring these names to the canonical ones: `renames` for other spellings, `splits` for several tensors stored as one, " +
        "`aliases` for a second name, `drops` for buffers.",
      async () => {
        const raw = headerConfig(architecture, fixtures, { class: className, ...config });
        const { layout } = layOut(architecture, raw, className);
        const file = numberedFile(layout);
        const expected = await readWeights(layout, file);
        const actual = await readWeights(layout, variant.store(file));
        return [...expected].flatMap(([name, data]) =>
          sameBits(actual.get(name) ?? new Float32Array(0), data)
            ? []
            : [
                {
                  message: `${where}: "${name}" is read as other numbers than from a file of today.`,
                  advice:
                    "Check which name `renames` and `splits` lead to it, and the order of the parts of a split.",
                },
              ],
        );
      },
    );
  });
  return { problems: (await Promise.all(found)).flat() };
}

/** Check 15: a tensor nobody knows is an error that names the nearest known one, whatever `drops` and `renames` say. */
export async function checkUnknownTensors(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const newest = newestVersion(fixtures);
  const found = fixtures.headers.cases
    .filter(({ version }) => version === newest)
    .map((one) =>
      attempt(headerName(one), "Make check 1 pass first.", () => {
        const raw = headerConfig(architecture, fixtures, one);
        const { layout } = layOut(architecture, raw, one.class);
        const header = new Map(writtenTensors(layout).map(({ name, shape }) => [name, { shape }]));
        return [...header.keys()]
          .flatMap(misspelt)
          .filter((wrong) => !header.has(wrong))
          .flatMap((wrong) => unknownProblem(headerName(one), layout, header, wrong));
      }),
    );
  return { problems: [...missingHeaders(fixtures), ...(await Promise.all(found)).flat()] };
}

/** A name with a letter too many: in its last part, and in the part before. */
function misspelt(name: string): readonly string[] {
  const parts = name.split(".");
  const last = parts.length - 1;
  return [last, last - 1]
    .filter((index) => index >= 0 && !/^\d+$/u.test(parts[index] ?? ""))
    .map((index) => parts.with(index, `${parts[index] ?? ""}x`).join("."));
}

/** Problems of reading a file with one more tensor, of an unknown name. */
function unknownProblem(
  where: string,
  layout: Layout,
  header: ReadonlyMap<string, TensorHeader>,
  wrong: string,
): readonly Problem[] {
  try {
    resolveTensors(layout, new Map([...header, [wrong, { shape: [1] }]]));
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    if (error.code === "layout/unexpected-tensor") return [];
    return [
      {
        message: `${where}: the unknown tensor "${wrong}" is taken for another: ${error.message}`,
        advice: "Make the patterns in `renames` match no more than they are meant for: `^...$`.",
      },
    ];
  }
  return [
    {
      message: `${where}: the unknown tensor "${wrong}" is dropped without a word.`,
      advice:
        "Make the patterns in `drops` match whole names, and no more than they are meant for: `^...$`.",
    },
  ];
}
