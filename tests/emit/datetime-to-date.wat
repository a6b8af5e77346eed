  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64 i64 i64 i32)
    (if ;; label = @1
      (local.tee 5
        (block (result i32) ;; label = @1
          (local.set 3
            (select
              (local.tee 4
                (i64.rem_s
                  (local.tee 2
                    (i64.load offset=440
                      (local.get $frame)))
                  (i64.const 86400000)))
              (i64.add
                (local.get 4)
                (i64.const 86400000))
              (i64.ge_s
                (local.get 4)
                (i64.const 0))))
          (if ;; label = @2
            (i64.gt_s
              (local.tee 3
                (i64.sub
                  (local.get 2)
                  (local.get 3)))
              (local.get 2))
            (then
              (br 1 (;@1;)
                (i32.const 131840))))
          (i64.eq
            (local.get 3)
            (i64.const 1709164800000))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 5))))
  )
