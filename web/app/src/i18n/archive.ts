/** The words of the archive: loaded with it. */

/** The dictionary of the archive. */
export const archive = {
  title: "Archive",
  lead: "Nothing here is lost: each comes back as it was.",
  find: "Find in the archive",
  archived: "Archived cards",
  deleted: "Deleted cards",
  columns: "Deleted columns",
  empty: "Nothing is archived or deleted.",
  noMatch: "Nothing here has these words.",
  restore: "Restore",
  restoreThis: (title: string): string => `Restore ${title}`,
  remove: "Delete",
  removeThis: (title: string): string => `Delete ${title}`,
  archivedBy: (name: string, when: string): string => `archived by ${name}, ${when}`,
  deletedBy: (name: string, when: string): string => `deleted by ${name}, ${when}`,
  from: (column: string): string => `from ${column}`,
  fromGone: (column: string): string => `from ${column}, which is deleted: it comes back to Unsorted`,
  more: (n: number): string => `Show ${String(n)} more`,
};
