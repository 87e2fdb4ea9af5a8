extension RuleBook {
    /// Keys that cannot tell items apart or cannot give an order, reads that an index does not answer, and joins that miss their row.
    static let room: [Rule: Entry] = [
        .keyHoldsOne: Entry(
            .error, "The key of a kind of item has room for one where the documents speak of several.",
            why:
                "DynamoDB keeps one item a key: of all rows that make the same one, the last that is written is left, and nothing says so. "
                + "It is a warning where only the words of a put or of an order tell that there are several.",
            remedy: "Put what tells them apart into the key: a sort key of their time and their id."),
        .kindNotInIndex: Entry(
            .error, "A pattern reads a kind of item through an index that has none of it.",
            why:
                "Only items that have an index's keys are in it: the read finds nothing, and no method is generated. It is a warning where "
                + "the kind of item, or the index, is a guess.",
            remedy: "Give the kind of item the index's keys, or name the index or the kind that is meant."),
        .operationKeyDiffers: Entry(
            .error, "A document reads by a key that the contract makes otherwise.",
            why:
                "Code is written by the document and items by the contract: a key that begins otherwise, or that has its parts in another "
                + "order, is never found.",
            remedy:
                "Let both say the same. A Query gives the beginning of a sort key, so that what it knows comes first."),
        .getFromIndex: Entry(
            .error, "A document gets an item from an index by its key.",
            why:
                "DynamoDB has GetItem, BatchGetItem and TransactGetItems of tables alone: an index may hold several items of a key, and "
                + "is read by a Query.",
            remedy: "Write Query, and say how many items it finds; or get the item from its table."),
        .filterNotProjected: Entry(
            .error, "A read of an index filters by what the index does not hold.",
            why:
                "A filter sees what is in the index: of an attribute that is not projected it knows no value, so that a comparison finds "
                + "nothing and `attribute_not_exists` everything.",
            remedy: "Project the attribute, put it into the index's key, or filter what is read from the table."),
        .parameterUnused: Entry(
            .warning, "A pattern is restricted by a value that neither the key it reads nor a filter takes.",
            why:
                "The Query brings the items of every such value, and the method that is generated has no parameter for it: whoever "
                + "calls it gets what is not theirs.",
            remedy: "Put the value into the key, name an index that has it, or say that the call filters by it."),
        .keyTimeAlone: Entry(
            .warning, "Items of a kind are told apart by a moment alone, and their id is no part of their key.",
            why:
                "Two rows of one moment make the same key, and the later takes the earlier one's place: a clock that counts seconds has "
                + "many such.",
            remedy: "Put the id behind the time: \"ENTRY#{booked_at}#{entry_id}\"."),
        .keyTextEmpty: Entry(
            .error, "A key can be an empty text.",
            why:
                "DynamoDB refuses an item with an empty key, of its table and of an index alike: such a row is not only left out of the "
                + "index, it is not written.",
            remedy: "Leave the key out of such items (\"NULL\"), or give a text."),
        .orderNotInKey: Entry(
            .warning, "A pattern asks for a range or an order that the key of what it Queries cannot give.",
            why:
                "A Query reads one partition in the order of the sort key, and takes a range of that alone: anything else is a filter, for "
                + "which the whole partition is read and paid for. It is an error where the operation compares what is no part of the key.",
            remedy: "Put the value first in the sort key of the table or of an index, or sort what is read."),
        .joinIgnoresColumn: Entry(
            .warning, "A join does not follow the column that its attribute names as its source.",
            why: "It finds the row of another id: every item gets another one's value.",
            remedy: "Let the condition compare the column: \"venues.id = events.venue_id\"."),
    ]
}
