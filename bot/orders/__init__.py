"""Orders, exactly once: intent first, guard before it, and a question by id after every doubtful answer."""
