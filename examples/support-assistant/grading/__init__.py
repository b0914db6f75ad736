"""Programs that grade answers. Nothing here is a judgement of taste: every grade can be derived again from the row."""
